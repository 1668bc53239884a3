/* escape.c: see escape.h. All walk over characters; what they do with each is their own. */
#include "export/escape.h"

#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* The bytes of the UTF-8 character at the start of `string`; 0 if they are none (overlong forms,
 * surrogates and what lies beyond U+10FFFF are none). */
static size_t character(const unsigned char *string, size_t length)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = string[0];
	size_t bytes = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : 4;
	uint32_t code = bytes == 1 ? first : first & (0x7fu >> bytes);
	if (bytes == 1)
		return 1;
	if ((bytes == 4 && first >> 3 != 30) || bytes > length)
		return 0;
	for (size_t i = 1; i < bytes; i++) {
		if (string[i] >> 6 != 2)
			return 0;
		code = code << 6 | (string[i] & 0x3f);
	}
	if (code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
	    (code & 0xfffe) == 0xfffe)
		return 0;
	return bytes;
}

static void walk(struct text *out, const char *string, size_t length,
                 void (*ascii)(struct text *out, char c))
{
	const unsigned char *at = (const unsigned char *)string;
	while (length && *at) {
		size_t bytes = character(at, length);
		if (!bytes)
			text_string(out, REPLACEMENT);
		else if (bytes == 1)
			ascii(out, (char)*at);
		else
			text_add(out, (const char *)at, bytes);
		bytes = bytes ? bytes : 1;
		at += bytes;
		length -= bytes;
	}
}

static void ascii_xml(struct text *out, char c)
{
	switch (c) {
	case '<':
		text_string(out, "&lt;");
		break;
	case '>':
		text_string(out, "&gt;");
		break;
	case '&':
		text_string(out, "&amp;");
		break;
	case '"':
		text_string(out, "&quot;");
		break;
	case '\t':
	case '\n':
	case '\r':
		text_string(out, " ");
		break;
	default:
		if ((unsigned char)c < 0x20 || c == 0x7f)
			text_string(out, REPLACEMENT);
		else
			text_add(out, &c, 1);
	}
}

void escape_xml_part(struct text *out, const char *string, size_t length)
{
	walk(out, string, length, ascii_xml);
}

void escape_xml(struct text *out, const char *string)
{
	escape_xml_part(out, string, strlen(string));
}

static void ascii_json(struct text *out, char c)
{
	if (c == '"' || c == '\\')
		text_printf(out, "\\%c", c);
	else if ((unsigned char)c < 0x20 || c == 0x7f)
		text_printf(out, "\\u%04x", (unsigned)c);
	else
		text_add(out, &c, 1);
}

void escape_json(struct text *out, const char *string)
{
	text_string(out, "\"");
	walk(out, string, strlen(string), ascii_json);
	text_string(out, "\"");
}

static void ascii_plain(struct text *out, char c)
{
	text_add(out, &c, 1);
}

void escape_utf8(struct text *out, const char *string)
{
	walk(out, string, strlen(string), ascii_plain);
}

static void ascii_collapsed(struct text *out, char c)
{
	if (c == ';')
		text_string(out, ":");
	else if ((unsigned char)c >= 0x20 && c != 0x7f)
		text_add(out, &c, 1);
}

void escape_collapsed(struct text *out, const char *string)
{
	size_t length = strlen(string), first = strspn(string, " ");
	while (length > first && string[length - 1] == ' ')
		length--;
	walk(out, string + first, length - first, ascii_collapsed);
}
