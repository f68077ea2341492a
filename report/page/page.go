// Package page writes what the log says about enforcing, or the states of a fleet, as one HTML file, which needs nothing
// else: no network, no other file, and no JavaScript. A script of a few lines lets tables be sorted where scripts run.
//
// The page forbids itself everything (CSP default-src 'none') but its own style sheet and its own script, which it names by
// their hashes. All other text in it is data: html/template escapes it, and what is not printable is replaced. Each chart is
// an image (role="img") with a title, and its numbers stand in a table beside it. Colours repeat what patterns, symbols or
// words say. The page stays below 1 MiB: of many groups the first are shown, and the others are summed up.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"unicode"

	"ucs-harden/evidence"
	"ucs-harden/rehearsal"
)

// Languages are those of the page. The first one counts where another one is asked for.
var Languages = []string{"en", "de"}

// View is what a page is made from.
type View struct {
	Report *evidence.Report
	// Grid is who may write to whom, today and when everything is enforced. It may be nil; then NoGrid says why.
	Grid   *rehearsal.Grid
	NoGrid string
	// Language is one of Languages.
	Language string
	// Masked: the report is masked, and its commands cannot be run.
	Masked bool
}

//go:embed files
var files embed.FS

// Write writes the page.
func Write(w io.Writer, v View) error {
	if !slices.Contains(Languages, v.Language) {
		v.Language = Languages[0]
	}
	return write(w, "page.html", v, v.model())
}

// write writes a page from its template and its model, in the language of the view.
func write(w io.Writer, name string, v View, model any) error {
	parsed, err := template.New(name).Funcs(v.functions()).ParseFS(files, "files/*.html")
	if err != nil {
		return fmt.Errorf("cannot read the template of the page: %w", err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, model); err != nil {
		return fmt.Errorf("cannot make the page: %w", err)
	}
	if _, err := io.WriteString(w, printable(out.String())); err != nil {
		return fmt.Errorf("cannot write the page: %w", err)
	}
	return nil
}

// printable replaces what is not printable, such as what changes the order of reading, and what is no UTF-8.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// asset is a file that stands in the page as it is.
func asset(name string) string {
	content, err := files.ReadFile("files/" + name)
	if err != nil {
		panic(err) // the file is embedded
	}
	return string(content)
}

// source is a text as a content security policy names it.
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// policy allows the style sheet and the script of the page, and nothing else.
func policy() string {
	return "default-src 'none'; style-src " + source(asset("style.css")) + "; script-src " + source(asset("sort.js")) +
		"; base-uri 'none'; form-action 'none'"
}
