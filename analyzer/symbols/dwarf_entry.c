/* dwarf_entry.c: libdw with the limits and defaults that the readers of units want. */
#include "symbols/dwarf_entry.h"

#include <dwarf.h>
#include <stdint.h>
#include <string.h>

#define STRING_MAX  65536 /* no honest name or command line is longer */
#define ORIGINS_MAX 16    /* abstract origins and specifications in a row, as in libdw */

bool dwarf_entry_next(Dwarf_Die *die)
{
	Dwarf_Die next;

	if (dwarf_siblingof(die, &next) != 0 || (char *)next.addr <= (char *)die->addr)
		return false;
	*die = next;
	return true;
}

bool dwarf_entry_has_code(Dwarf_Die *die)
{
	return dwarf_hasattr(die, DW_AT_low_pc) || dwarf_hasattr(die, DW_AT_ranges);
}

bool dwarf_entry_is_class(int tag)
{
	return tag == DW_TAG_class_type || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_union_type || tag == DW_TAG_interface_type;
}

bool dwarf_entry_is_block(int tag)
{
	return tag == DW_TAG_lexical_block || tag == DW_TAG_try_block ||
	       tag == DW_TAG_catch_block || tag == DW_TAG_with_stmt;
}

const char *dwarf_entry_string(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;

	const char *string = dwarf_formstring(dwarf_attr_integrate(die, name, &attribute));

	return string && strnlen(string, STRING_MAX) < STRING_MAX ? string : NULL;
}

unsigned dwarf_entry_number(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;

	if (dwarf_formudata(dwarf_attr_integrate(die, name, &attribute), &number) != 0 ||
	    number > UINT32_MAX)
		return 0;
	return (unsigned)number;
}

const char *dwarf_entry_linkage_name(Dwarf_Die *die)
{
	const char *name = dwarf_entry_string(die, DW_AT_linkage_name);

	return name ? name : dwarf_entry_string(die, DW_AT_MIPS_linkage_name);
}

Dwarf_Die dwarf_entry_declaration(const Dwarf_Die *die)
{
	Dwarf_Die found = *die;

	for (int i = 0; i < ORIGINS_MAX; i++) {
		Dwarf_Attribute attribute;
		Dwarf_Die origin;

		if (!dwarf_attr(&found, DW_AT_abstract_origin, &attribute) &&
		    !dwarf_attr(&found, DW_AT_specification, &attribute))
			break;
		if (!dwarf_formref_die(&attribute, &origin))
			break;
		found = origin;
	}
	return found;
}
