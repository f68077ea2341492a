// Package lazyregexp compiles a regular expression when it is first used. Every command of the program loads all its
// packages, but few commands use an expression.
package lazyregexp

import (
	"regexp"
	"sync"
)

// Regexp is an expression that is compiled at its first use. Several goroutines may use it.
type Regexp struct{ compiled func() *regexp.Regexp }

// New returns an expression. The first use of a wrong expression panics, as regexp.MustCompile does.
func New(expression string) Regexp {
	return Regexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
}

// MatchString works as the method of regexp.Regexp, and so do the other methods.
func (r Regexp) MatchString(s string) bool { return r.compiled().MatchString(s) }

// FindString returns the leftmost match, or "".
func (r Regexp) FindString(s string) string { return r.compiled().FindString(s) }

// FindStringSubmatch returns the leftmost match and its submatches, or nil.
func (r Regexp) FindStringSubmatch(s string) []string { return r.compiled().FindStringSubmatch(s) }

// FindStringSubmatchIndex returns the places of the leftmost match and its submatches, or nil.
func (r Regexp) FindStringSubmatchIndex(s string) []int {
	return r.compiled().FindStringSubmatchIndex(s)
}

// FindAllStringSubmatch returns at most n matches with their submatches; all when n is negative.
func (r Regexp) FindAllStringSubmatch(s string, n int) [][]string {
	return r.compiled().FindAllStringSubmatch(s, n)
}

// ReplaceAllStringFunc replaces each match by what replace makes of it.
func (r Regexp) ReplaceAllStringFunc(s string, replace func(string) string) string {
	return r.compiled().ReplaceAllStringFunc(s, replace)
}
