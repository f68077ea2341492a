package directory

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// NamesOf says which names Names returns.
type NamesOf int

const (
	// Accounts: the logins and all mail addresses, those of lists and groups included.
	Accounts NamesOf = iota
	// Groups: the names of the groups.
	Groups
)

// Names returns all names of one kind, each once, sorted. The servers are asked as DomainControllers does it, with the same
// errors.
func Names(ctx context.Context, c Config, of NamesOf) ([]string, error) {
	found, err := firstAnswer(ctx, c, of.question())
	if err != nil {
		return nil, fmt.Errorf("cannot read the names in LDAP: %w", err)
	}
	return flat(found), nil
}

// NamesInLDIF reads from LDIF what Names reads over LDAP; see LookupInLDIF.
func NamesInLDIF(r io.Reader, of NamesOf) ([]string, error) {
	found, err := fromLDIF(r, of.question())
	return flat(found), err
}

func (of NamesOf) question() question[[]string] {
	q := question[[]string]{
		also:       []string{"(|(uid=*)(mailPrimaryAddress=*)(mailAlternativeAddress=*))"},
		attributes: nameAttributes,
		whole:      func(all [][]string) ([][]string, error) { return all, nil },
	}
	if of == Groups {
		q.class, q.also, q.attributes = groupClass, nil, []string{"cn"}
	}
	attributes := q.attributes
	q.read = func(_ string, values func(string) []string) (names []string, ok bool) {
		for _, attribute := range attributes {
			names = append(names, values(attribute)...)
		}
		return names, len(names) > 0
	}
	return q
}

func flat(found [][]string) []string {
	names := slices.Concat(found...)
	slices.Sort(names)
	return slices.Compact(names)
}
