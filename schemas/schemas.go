// Package schemas holds the JSON Schemas of what the commands print with --json (draft 2020-12). README.md beside them
// says which command gives which. The tests check every output against them; the program does not contain them.
package schemas

import "embed"

// Files are the schemas and README.md.
//
//go:embed *.json README.md
var Files embed.FS
