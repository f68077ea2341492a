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

// The bounds of what is read.
const (
	maxFile    = 16 << 20 // bytes of a file
	maxXML     = 24 << 20 // bytes of XML, unpacked
	maxDepth   = 16       // elements within each other
	maxRecords = 200_000  // records of a report
	maxEntries = 64       // files in a zip archive
	maxFiles   = 10_000   // files in a folder
	maxSources = 200_000  // clients and domains, of all reports together
)

// The errors of a report that cannot be used.
var (
	// ErrTooLarge: it is beyond one of the bounds.
	ErrTooLarge = errors.New("the report is too large")
	// ErrNotReport: it is no aggregate report.
	ErrNotReport = errors.New("not a DMARC aggregate report")
)
