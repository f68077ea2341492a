package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
)

// Rendered are main.cf and master.cf as dry runs of UCR write them. The JSON form is a list of the files, main.cf
// first.
type Rendered struct {
	Main, Master RenderedFile
}

// RenderedFile is a configuration file that UCR renders.
type RenderedFile struct {
	Path string `json:"path"`
	// Now is the file on disk. Current is the dry run with the registry as it is. Next is the dry run with the registry
	// as the plan leaves it.
	Now     []byte `json:"-"`
	Current []byte `json:"-"`
	Next    []byte `json:"-"`
	// Diff is the difference between the file on disk and Next.
	Diff string `json:"diff,omitempty"`
}

// Files are main.cf and master.cf, in this order, without a file that has no path. A nil Rendered has no files.
func (r *Rendered) Files() []*RenderedFile {
	if r == nil {
		return nil
	}
	var files []*RenderedFile
	for _, f := range []*RenderedFile{&r.Main, &r.Master} {
		if f.Path != "" {
			files = append(files, f)
		}
	}
	return files
}

// MarshalJSON writes the list of the files; [] when there is none.
func (r Rendered) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // < and > stay readable; a caller of MarshalJSON may still escape them
	err := enc.Encode(append([]*RenderedFile{}, r.Files()...))
	return out.Bytes(), err
}

// UnmarshalJSON reads the list of the files, in any order.
func (r *Rendered) UnmarshalJSON(content []byte) error {
	var files []RenderedFile
	if err := json.Unmarshal(content, &files); err != nil {
		return err
	}
	*r = Rendered{}
	for _, f := range files {
		switch path.Base(f.Path) {
		case "main.cf":
			r.Main = f
		case "master.cf":
			r.Master = f
		default:
			return fmt.Errorf("%q is neither main.cf nor master.cf", f.Path)
		}
	}
	return nil
}
