package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/postfix"
)

func TestNoPortsWithoutAConfiguration(t *testing.T) {
	assert.Empty(t, livePostfix{&global{root: t.TempDir()}, postfix.Postfix{}}.ports())
}
