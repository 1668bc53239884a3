/* shapes_asm.S: frames that no compiler makes. Each function calls its first argument. */

	.text

/* The CFA is in rbx, as in the dynamic linker's lazy binding. */
	.globl	cfa_in_rbx
	.type	cfa_in_rbx, @function
cfa_in_rbx:
	.cfi_startproc
	pushq	%rbx
	.cfi_def_cfa_offset 16
	.cfi_offset rbx, -16
	movq	%rsp, %rbx
	.cfi_def_cfa_register rbx
	andq	$-64, %rsp
	subq	$128, %rsp
	call	*%rdi
	movq	%rbx, %rsp
	.cfi_def_cfa_register rsp
	popq	%rbx
	.cfi_def_cfa_offset 8
	.cfi_restore rbx
	ret
	.cfi_endproc
	.size	cfa_in_rbx, .-cfa_in_rbx

/* The old rsp lies on the stack: CFA = *(rsp + 16) + 8, as in hand-written cryptography. */
	.globl	cfa_on_stack
	.type	cfa_on_stack, @function
cfa_on_stack:
	.cfi_startproc
	movq	%rsp, %rax
	.cfi_def_cfa_register rax
	andq	$-64, %rsp
	subq	$64, %rsp
	movq	%rax, 16(%rsp)
	/* DW_CFA_def_cfa_expression, 5 bytes: breg7 16, deref, plus_uconst 8 */
	.cfi_escape 0x0f, 0x05, 0x77, 0x10, 0x06, 0x23, 0x08
	call	*%rdi
	movq	16(%rsp), %rsp
	.cfi_def_cfa rsp, 8
	ret
	.cfi_endproc
	.size	cfa_on_stack, .-cfa_on_stack

/* The expression of procedure linkage tables, rsp + 8 + ((rip & 15) >= 11) * 8, in a function that
 * keeps to it: aligned to 16, with the push before its offset 11. */
	.globl	cfa_of_plt
	.type	cfa_of_plt, @function
	.p2align 4
cfa_of_plt:
	.cfi_startproc
	.cfi_escape 0x0f, 0x0b, 0x77, 0x08, 0x80, 0x00, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22
	nop
	nop
	nop
	nop
	nop
	nop
	nop
	nop
	nop
	pushq	%rax		/* offset 9, 1 byte */
	nop			/* offset 10 */
	nop			/* offset 11 */
	call	*%rdi		/* offset 12: what is looked up is its last byte, 13 */
	.cfi_def_cfa rsp, 16
	popq	%rax
	.cfi_def_cfa_offset 8
	ret
	.cfi_endproc
	.size	cfa_of_plt, .-cfa_of_plt

/* No call frame information, but a frame pointer. */
	.globl	bare_with_frame
	.type	bare_with_frame, @function
bare_with_frame:
	pushq	%rbp
	movq	%rsp, %rbp
	subq	$48, %rsp
	call	*%rdi
	leave
	ret
	.size	bare_with_frame, .-bare_with_frame

/* Neither, nonsense in rbp, and no way out at once after the call: nothing can tell who called. */
	.globl	bare_without_frame
	.type	bare_without_frame, @function
bare_without_frame:
	pushq	%rbp
	movq	$0x1234567, %rbp
	subq	$32, %rsp
	call	*%rdi
	xorl	%eax, %eax
	addq	$32, %rsp
	popq	%rbp
	ret
	.size	bare_without_frame, .-bare_without_frame

/* The same with rbp at the end of the address space, and at an odd place of the stack. */
	.globl	bare_with_wild_rbp
	.type	bare_with_wild_rbp, @function
bare_with_wild_rbp:
	pushq	%rbp
	movq	%rsi, %rbp
	subq	$32, %rsp
	call	*%rdi
	xorl	%eax, %eax
	addq	$32, %rsp
	popq	%rbp
	ret
	.size	bare_with_wild_rbp, .-bare_with_wild_rbp

/* Wrong information: the CFA lies far above, where nothing is. */
	.globl	wrong_cfa
	.type	wrong_cfa, @function
wrong_cfa:
	.cfi_startproc
	subq	$8, %rsp
	.cfi_def_cfa_offset 0x40000000
	call	*%rdi
	addq	$8, %rsp
	ret
	.cfi_endproc
	.size	wrong_cfa, .-wrong_cfa

	.section .note.GNU-stack, "", @progbits
