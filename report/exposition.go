package report

import (
	"io"
	"strconv"
	"strings"
)

// exposition writes the text format of Prometheus, in which node_exporter(1) reads files:
//
//	exposition = { family }
//	family     = "# HELP " name " " text "\n" "# TYPE " name " gauge\n" { sample }
//	sample     = name "{" label "=" quoted { "," label "=" quoted } "}" " " number "\n"
//
// In a text, "\" and line ends are written as "\\" and "\n"; in a quoted value the quotation mark as "\"" as well. All metrics
// are gauges: each tells a state, and may fall. A family without a sample is left out.
type exposition struct {
	instance string
	out      strings.Builder
}

// label is a label besides the instance.
type label struct{ name, value string }

// sample is a value of a metric.
type sample struct {
	labels []label
	value  float64
}

var (
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// family writes a metric with its samples.
func (e *exposition) family(name, help string, samples ...sample) {
	if len(samples) == 0 {
		return
	}
	e.out.WriteString("# HELP " + name + " " + escapeHelp.Replace(help) + "\n# TYPE " + name + " gauge\n")
	for _, s := range samples {
		e.out.WriteString(name + `{instance="` + escapeLabel.Replace(e.instance) + `"`)
		for _, l := range s.labels {
			e.out.WriteString("," + l.name + `="` + escapeLabel.Replace(l.value) + `"`)
		}
		e.out.WriteString("} " + strconv.FormatFloat(s.value, 'f', -1, 64) + "\n")
	}
}

// one is the only sample of a metric.
func one(value float64) sample { return sample{value: value} }

// yes is 1 or 0.
func yes(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (e *exposition) write(w io.Writer) error {
	_, err := io.WriteString(w, e.out.String())
	return err
}
