package hosteddomains

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/access"
)

// characters are those from one to another.
type characters struct {
	from, to rune
	about    string
}

// disguises are characters that stand for letters, digits, the hyphen or the dot of a domain name, or for nothing, and
// that no U-label may have (RFC 5892; UTS #46 maps them). Programs show or resolve a name with them as the name
// without. All ranges are part of a block, so that the table stays short.
var disguises = []characters{
	{0xff01, 0xff5e, "full-width letters, digits and signs"},
	{0x3002, 0x3002, "ideographic full stop"},
	{0xff61, 0xff61, "halfwidth ideographic full stop"},
	{0x00ad, 0x00ad, "soft hyphen"},
	{0x200b, 0x200b, "zero width space"},
	{0x2060, 0x2060, "word joiner"},
	{0xfeff, 0xfeff, "zero width no-break space"},
	{0x2460, 0x24ea, "letters and digits in circles and parentheses"},
	{0x1d400, 0x1d454, "mathematical letters"},
	{0x1d552, 0x1d6a3, "mathematical letters"},
	{0x1d7ce, 0x1d7ff, "mathematical digits"},
}

func isDisguised(domain string) bool {
	return strings.ContainsFunc(domain, func(r rune) bool {
		return slices.ContainsFunc(disguises, func(d characters) bool { return d.from <= r && r <= d.to })
	})
}

// ByPattern reports whether Patterns, and not Table, decides about a sender address.
func ByPattern(sender string) bool {
	domain := sender[strings.LastIndexByte(sender, '@')+1:]
	return isDisguised(domain) || strings.HasPrefix(domain, "[")
}

// Patterns are the lines of a regexp_table(5) about senders that no key of Table can match: with a disguised domain, or
// with one of these addresses as an address literal. They have one action. The expressions are alternatives of whole
// characters, not ranges, because Postfix compares bytes. An address of ASCII characters passes all lines about
// disguises with one comparison.
func Patterns(addresses []netip.Addr, action string) []string {
	action = access.AsResult(oneLine(action))
	lines := []string{"if /[^ -~]/"}
	for _, d := range disguises {
		var all []string
		for r := d.from; r <= d.to; r++ {
			all = append(all, string(r))
		}
		lines = append(lines, "# "+d.about, fmt.Sprintf("/@.*(%s)/ %s", strings.Join(all, "|"), action))
	}
	lines = append(lines, "endif")
	for _, a := range addresses {
		lines = append(lines, fmt.Sprintf(`/@\[%s\]$/ %s`, literalExpression(a.Unmap()), action))
	}
	return lines
}

// literalExpression matches every way to write an address in an address literal (RFC 5321, 4.1.3), also with leading
// zeros. regexp_table(5) ignores case.
func literalExpression(a netip.Addr) string {
	if a.Is4() {
		var octets []string
		for _, octet := range a.As4() {
			octets = append(octets, fmt.Sprintf("0*%d", octet))
		}
		return strings.Join(octets, `\.`)
	}
	var groups []string
	bytes := a.As16()
	for i := 0; i < len(bytes); i += 2 {
		groups = append(groups, fmt.Sprintf("0*%x", int(bytes[i])<<8|int(bytes[i+1])))
	}
	ways := []string{strings.Join(groups, ":")}
	for from := range groups { // "::" stands for any run of zeros
		for to := from; to < len(groups) && groups[to] == "0*0"; to++ {
			ways = append(ways, strings.Join(groups[:from], ":")+"::"+strings.Join(groups[to+1:], ":"))
		}
	}
	return "IPv6:(" + strings.Join(ways, "|") + ")"
}

// parseLiteral reads an address literal: "[203.0.113.1]", "[IPv6:fd99:1::1]".
func parseLiteral(domain string) (netip.Addr, bool) {
	inner, opened := strings.CutPrefix(domain, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !opened || !closed {
		return netip.Addr{}, false
	}
	const six = "ipv6:"
	if len(inner) > len(six) && strings.EqualFold(inner[:len(six)], six) {
		a, err := netip.ParseAddr(plainGroups(inner[len(six):], ":"))
		return a, err == nil && a.Is6()
	}
	a, err := netip.ParseAddr(plainGroups(inner, "."))
	return a, err == nil && a.Is4()
}

// plainGroups removes the leading zeros of each group.
func plainGroups(address, separator string) string {
	groups := strings.Split(address, separator)
	for i, group := range groups {
		if bare := strings.TrimLeft(group, "0"); bare != "" || group == "" {
			groups[i] = bare
		} else {
			groups[i] = "0"
		}
	}
	return strings.Join(groups, separator)
}
