#include "go_asm.h"
#include "textflag.h"

// A byte is a letter or a digit if what its upper four bits may be, and what its lower four bits may be, have a bit in
// common: 1 is 0 to 9, 2 is A to O and a to o, 4 is P to Z and p to z.
DATA upper<>+0(SB)/8, $0x0402040201000000
DATA upper<>+8(SB)/8, $0
GLOBL upper<>(SB), RODATA|NOPTR, $16
DATA lower<>+0(SB)/8, $0x0707070707070705
DATA lower<>+8(SB)/8, $0x0202020202060707
GLOBL lower<>(SB), RODATA|NOPTR, $16
DATA four<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA four<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL four<>(SB), RODATA|NOPTR, $16

// func splitLines(s *splitting)
//
// The Go code of it is splitSlowly. A line takes half of the time here, because 16 and 32 bytes are compared at once
// (AVX2), because what stays the same from line to line stays in registers, and because no index is compared with its
// limit: splitting.beyond says up to where a line may begin.
//
//	SI line   R8 ends   R9 in the line   R10 pattern   R13 s   DI counts   DX end of the line
//	Y0 low  Y1 high  Y2 host  Y3 its mask  X8 the lower four bits of bytes  X9 X10 letters and digits, see below  X11 zero
TEXT ·splitLines(SB), NOSPLIT, $24-8
	MOVQ    s+0(FP), R13
	VMOVDQU splitting_hour+hour_low(R13), Y0
	VMOVDQU splitting_hour+hour_high(R13), Y1
	VMOVDQU splitting_hour+hour_host(R13), Y2
	VMOVDQU splitting_hour+hour_hostMask(R13), Y3
	VMOVDQU four<>(SB), X8
	VMOVDQU upper<>(SB), X9
	VMOVDQU lower<>(SB), X10
	VPXOR   X11, X11, X11
	MOVQ    splitting_ends(R13), R8
	MOVQ    splitting_count(R13), AX
	LEAQ    (R8)(AX*2), AX
	MOVQ    AX, endsLimit-8(SP)
	MOVQ    splitting_buf(R13), AX
	MOVQ    splitting_begin(R13), SI
	ADDQ    AX, SI
	MOVQ    splitting_base(R13), CX
	ADDQ    AX, CX
	MOVQ    CX, base-16(SP)
	MOVQ    splitting_beyond(R13), CX
	ADDQ    AX, CX
	MOVQ    CX, beyond-24(SP)
	XORQ    DI, DI
	MOVQ    DI, splitting_foreign(R13)

line:
	CMPQ    R8, endsLimit-8(SP)
	JEQ     done
	CMPQ    SI, beyond-24(SP)
	JHI     done
	MOVWLZX (R8), DX
	ADDQ    base-16(SP), DX
	MOVQ    splitting_hour+hour_programAt(R13), R9
	MOVQ    DX, AX
	SUBQ    SI, AX
	CMPQ    AX, R9
	JLE     done
	ADDQ    SI, R9

	// the hour and the host
	VMOVDQU   (SI), Y4
	VPMAXUB   Y0, Y4, Y5
	VPMINUB   Y1, Y5, Y5
	VPCMPEQB  Y4, Y5, Y5
	VPMOVMSKB Y5, AX
	VPXOR     -32(R9), Y2, Y6
	VPAND     Y3, Y6, Y6
	CMPL      AX, $-1
	JNE       done
	VPTEST    Y6, Y6
	JNE       done

	// the program
	MOVQ    5(R9), AX
	MOVQ    $0xbf58476d1ce4e5b9, CX
	IMULQ   CX, AX
	SHRQ    $(64-8-8), AX
	ANDL    $0xff00, AX
	MOVQ    splitting_patterns(R13), R10
	ADDQ    AX, R10
	VMOVDQU (R9), Y4
	VPXOR   pattern_name(R10), Y4, Y5
	VPAND   pattern_mask(R10), Y5, Y5
	VPTEST  Y5, Y5
	JEQ     met
	ADDQ    $pattern__size, R10
	VPXOR   pattern_name(R10), Y4, Y5
	VPAND   pattern_mask(R10), Y5, Y5
	VPTEST  Y5, Y5
	JNE     done

met:
	// the digits of the process, in the upper bytes of AX
	ADDQ   pattern_length(R10), R9
	MOVQ   (R9), AX
	MOVQ   $0x5d5d5d5d5d5d5d5d, BX
	XORQ   AX, BX
	MOVQ   $0x0101010101010101, CX
	MOVQ   BX, R11
	SUBQ   CX, R11
	ANDNQ  R11, BX, R11
	MOVQ   $0x8080808080808080, CX
	ANDQ   CX, R11
	TZCNTQ R11, R11                // 64 without a bracket, which there must be for what follows
	ANDL   $0x38, R11
	MOVQ   $0x3030303030303030, BX
	XORQ   BX, AX
	MOVL   R11, CX
	NEGL   CX
	SHLQ   CX, AX
	SHRL   $3, R11
	ADDQ   R11, R9

	// are they digits, and a bracket, a colon and a blank behind them?
	MOVQ  $0x7676767676767676, BX
	ADDQ  AX, BX
	ORQ   AX, BX
	MOVQ  $0x8080808080808080, CX
	ANDQ  CX, BX
	MOVL  (R9), CX
	XORL  $0x203a5d, CX
	SHLL  $8, CX
	ORQ   CX, BX
	TESTQ pattern_ours(R10), BX
	JNE   done

	// the line, to the end of its list: the numbers of lines in the lists are those of 16 bits in DI
	ADDQ      $3, R9
	VMOVDQU   (R9), X4
	MOVQ      pattern_beginnings(R10), CX
	MOVBLZX   (R9), BX
	MOVBLZX   (CX)(BX*1), BX
	XORL      R11, R11
	TESTL     BX, BX
	SETNE     R11
	MOVL      BX, CX
	ANDL      $0x30, CX
	SHRXQ     CX, DI, R12
	MOVWLZX   R12, R12
	SHLXQ     CX, R11, R11
	ADDQ      R11, DI
	LEAQ      (CX)(CX*2), CX               // a list has 16*3*64 bytes
	SHLQ      $6, CX
	ADDQ      splitting_out(R13), CX
	LEAQ      (R12)(R12*2), R12            // a line has 3*8 bytes
	LEAQ      (CX)(R12*8), R12
	MOVQ      splitting_buf(R13), CX
	SUBQ      CX, R9
	MOVQ      AX, said_process(R12)
	MOVL      R9, said_text(R12)
	MOVQ      SI, splitting_last(R13)
	SUBQ      CX, SI
	MOVL      SI, said_begin(R12)
	MOVQ      DX, AX
	SUBQ      CX, AX
	MOVL      AX, said_end(R12)
	MOVQ      pattern_foreign(R10), AX
	ADDQ      AX, splitting_foreign(R13)
	SUBQ      splitting_patterns(R13), R10
	SHRL      $7, R10
	MOVW      R10, said_program(R12)
	MOVB      BX, said_beginning(R12)
	VPSRLW    $4, X4, X5
	VPAND     X8, X5, X5
	VPAND     X8, X4, X6
	VPSHUFB   X5, X9, X5
	VPSHUFB   X6, X10, X6
	VPAND     X5, X6, X6
	VPCMPEQB  X11, X6, X6
	VPMOVMSKB X6, AX
	ORL       $0x10000, AX
	TZCNTL    AX, AX
	MOVB      AX, said_word(R12)
	LEAQ      1(DX), SI
	ADDQ      $2, R8
	JMP       line

done:
	MOVQ DI, splitting_counts(R13)
	MOVQ splitting_buf(R13), CX
	SUBQ CX, SI
	MOVQ SI, splitting_begin(R13)
	SUBQ CX, splitting_last(R13)
	SUBQ splitting_ends(R13), R8
	SHRQ $1, R8
	MOVQ R8, splitting_lines(R13)
	VZEROUPPER
	RET
