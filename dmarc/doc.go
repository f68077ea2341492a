// Package dmarc reads aggregate reports about the mail of a domain: how many messages which client sent as it, and
// whether SPF or DKIM passed for the same domain. Both forms are read, that of RFC 7489 (appendix C) and that of RFC 9990,
// which has a name space:
//
//	feedback         = report_metadata policy_published 1*record
//	report_metadata  = org_name … report_id date_range(begin end)
//	policy_published = domain …
//	record           = row(source_ip count policy_evaluated(dkim spf)) identifiers(header_from) …
//
// Unknown elements are passed over. A file is XML, XML in gzip, or a zip archive with one or several of them, as the
// receivers of mail send them. A folder is all such files in it.
//
// Anybody can send such a report. So the size of what is read is bounded in every step, a document type is refused, and
// what a report says is a hint: it proves nothing alone.
package dmarc

import "errors"

// bounds are those of what is read.
type bounds struct {
	file    int64 // bytes of a file
	xml     int64 // bytes of XML, unpacked
	depth   int   // elements within each other
	records int   // records of a report
	entries int   // files in a zip archive
	files   int   // files in a folder
	sources int   // clients and domains, of all reports together
}

var most = bounds{file: 16 << 20, xml: 24 << 20, depth: 16, records: 200_000, entries: 64, files: 10_000, sources: 200_000}

// The errors of a report that cannot be used.
var (
	// ErrTooLarge: it is beyond one of the bounds.
	ErrTooLarge = errors.New("the report is too large")
	// ErrNotReport: it is no aggregate report.
	ErrNotReport = errors.New("not a DMARC aggregate report")
)
