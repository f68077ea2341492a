package postfix

import "context"

// Dump returns the entries of a compiled table, as lines "key TAB value".
func (p Postfix) Dump(ctx context.Context, typ, path string) ([]byte, error) {
	result, err := p.tool(ctx, nil, "postmap", "-s", typ+":"+path)
	return result.Stdout, err
}
