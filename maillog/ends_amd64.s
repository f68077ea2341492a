#include "textflag.h"

// func findEnds32(p *byte, steps int, out *uint16) int
//
// Each step compares 64 bytes with the line end, 32 at once (AVX2), and makes a mask of 64 bits. Nearly all masks have
// no bit or one: its place is written without a branch, and counts if there is one. BLSRQ removes the lowest bit, and
// tells in the carry that there was none.
TEXT ·findEnds32(SB), NOSPLIT, $0-32
	MOVQ         p+0(FP), SI
	MOVQ         steps+8(FP), CX
	MOVQ         out+16(FP), DI
	XORQ         R8, R8
	XORQ         BX, BX
	MOVL         $10, AX
	MOVQ         AX, X0
	VPBROADCASTB X0, Y0

step:
	VPCMPEQB  (SI), Y0, Y1
	VPCMPEQB  32(SI), Y0, Y2
	VPMOVMSKB Y1, AX
	VPMOVMSKB Y2, DX
	SHLQ      $32, DX
	ORQ       DX, AX
	TZCNTQ    AX, R9
	ADDQ      BX, R9
	MOVW      R9, (DI)(R8*2)
	BLSRQ     AX, AX
	SBBQ      $-1, R8
	TESTQ     AX, AX
	JNE       more

next:
	ADDQ $64, SI
	ADDQ $64, BX
	DECQ CX
	JNE  step
	MOVQ R8, ret+24(FP)
	VZEROUPPER
	RET

more:
	TZCNTQ AX, R9
	ADDQ   BX, R9
	MOVW   R9, (DI)(R8*2)
	INCQ   R8
	BLSRQ  AX, AX
	JNE    more
	JMP    next

// func findEnds16(p *byte, steps int, out *uint16) int
//
// The same with 16 bytes at once (SSE2), which every amd64 processor can do.
TEXT ·findEnds16(SB), NOSPLIT, $0-32
	MOVQ       p+0(FP), SI
	MOVQ       steps+8(FP), CX
	MOVQ       out+16(FP), DI
	MOVQ       DI, R8
	XORQ       BX, BX
	MOVQ       $0x0a0a0a0a0a0a0a0a, AX
	MOVQ       AX, X0
	PUNPCKLQDQ X0, X0

step:
	MOVOU    (SI), X1
	MOVOU    16(SI), X2
	MOVOU    32(SI), X3
	MOVOU    48(SI), X4
	PCMPEQB  X0, X1
	PCMPEQB  X0, X2
	PCMPEQB  X0, X3
	PCMPEQB  X0, X4
	PMOVMSKB X1, AX
	PMOVMSKB X2, DX
	PMOVMSKB X3, R9
	PMOVMSKB X4, R10
	SHLQ     $16, DX
	SHLQ     $32, R9
	SHLQ     $48, R10
	ORQ      DX, AX
	ORQ      R10, R9
	ORQ      R9, AX
	BSFQ     AX, R9
	ADDQ     BX, R9
	MOVW     R9, (DI)
	XORQ     R10, R10
	TESTQ    AX, AX
	SETNE    R10
	LEAQ     (DI)(R10*2), DI
	LEAQ     -1(AX), R11
	ANDQ     R11, AX
	JNE      more

next:
	ADDQ $64, SI
	ADDQ $64, BX
	DECQ CX
	JNE  step
	SUBQ R8, DI
	SHRQ $1, DI
	MOVQ DI, ret+24(FP)
	RET

more:
	BSFQ AX, R9
	ADDQ BX, R9
	MOVW R9, (DI)
	ADDQ $2, DI
	LEAQ -1(AX), R11
	ANDQ R11, AX
	JNE  more
	JMP  next
