package dmarc

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Report is one aggregate report.
type Report struct {
	// Org is who sent it, ID is its name there. From and To are what it covers.
	Org, ID  string
	From, To time.Time
	// Domain is the domain that it is about.
	Domain  string
	Records []Record
}

// Record is a number of messages that had the same client and the same results.
type Record struct {
	Client netip.Addr
	Count  int64
	// HeaderFrom is the domain of From:. DKIM and SPF tell that a signature, or the envelope sender, passed for it.
	HeaderFrom string
	DKIM, SPF  bool
}

// Parse reads a report in XML.
func Parse(r io.Reader) (*Report, error) {
	limited := &io.LimitedReader{R: r, N: most.xml + 1}
	p := parser{d: xml.NewDecoder(limited)}
	p.d.CharsetReader = plainCharset
	err := p.parse()
	switch {
	case limited.N <= 0:
		return nil, ErrTooLarge
	case err != nil:
		return nil, err
	case !p.feedback || p.out.Domain == "":
		return nil, ErrNotReport
	}
	return &p.out, nil
}

// plainCharset takes the few names under which a report is ASCII or UTF-8 all the same.
func plainCharset(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252":
		return in, nil
	}
	return nil, fmt.Errorf("%w: the character set %.40q", ErrNotReport, charset)
}

type parser struct {
	d        *xml.Decoder
	path     []string
	text     strings.Builder
	out      Report
	now      Record
	feedback bool
}

func (p *parser) parse() error {
	for {
		token, err := p.d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNotReport, err)
		}
		switch t := token.(type) {
		case xml.Directive:
			return fmt.Errorf("%w: it has a document type", ErrNotReport)
		case xml.StartElement:
			if p.path = append(p.path, t.Name.Local); len(p.path) > most.depth {
				return ErrTooLarge
			}
			if len(p.path) == 1 && t.Name.Local != "feedback" {
				return ErrNotReport
			}
			p.feedback = true
			p.text.Reset()
		case xml.CharData:
			if p.text.Len() < 1024 { // no value that counts is longer
				p.text.Write(t)
			}
		case xml.EndElement:
			if err := p.end(strings.Join(p.path, "/")); err != nil {
				return err
			}
			p.path = p.path[:len(p.path)-1]
			p.text.Reset()
		}
	}
}

// end takes the value of an element that ends.
func (p *parser) end(path string) error {
	value := strings.TrimSpace(p.text.String())
	switch strings.TrimPrefix(path, "feedback/") {
	case "report_metadata/org_name":
		p.out.Org = value
	case "report_metadata/report_id":
		p.out.ID = value
	case "report_metadata/date_range/begin":
		p.out.From = stamp(value)
	case "report_metadata/date_range/end":
		p.out.To = stamp(value)
	case "policy_published/domain":
		p.out.Domain = domain(value)
	case "record/row/source_ip":
		p.now.Client, _ = netip.ParseAddr(value)
		p.now.Client = p.now.Client.Unmap().WithZone("")
	case "record/row/count":
		p.now.Count, _ = strconv.ParseInt(value, 10, 64)
	case "record/row/policy_evaluated/dkim":
		p.now.DKIM = value == "pass"
	case "record/row/policy_evaluated/spf":
		p.now.SPF = value == "pass"
	case "record/identifiers/header_from":
		p.now.HeaderFrom = domain(value)
	case "record":
		if len(p.out.Records) == most.records {
			return ErrTooLarge
		}
		const tooMany = 1 << 40 // messages, so that no sum runs over
		if p.now.Client.IsValid() && p.now.Count > 0 && p.now.Count < tooMany {
			p.out.Records = append(p.out.Records, p.now)
		}
		p.now = Record{}
	}
	return nil
}

func stamp(value string) time.Time {
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func domain(value string) string { return strings.ToLower(strings.TrimSuffix(value, ".")) }
