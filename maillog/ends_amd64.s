#include "textflag.h"

// func findEnds(p *byte, steps int, out *uint16) int
//
// Each step compares 64 bytes with the line end, 32 at once (AVX2), and makes a mask of 64 bits. Nearly all masks have no bit
// or one: its place is written without a branch, and counts if there is one. BLSRQ removes the lowest bit, and tells in the
// carry that there was none.
TEXT ·findEnds(SB), NOSPLIT, $0-32
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
