package dmarc_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/dmarc"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return content
}

// rfc7489 is what testdata/rfc7489.xml says, rfc9990 what testdata/rfc9990.xml does.
var (
	rfc7489 = dmarc.Report{
		Org: "receiver.example", ID: "9391651994964116463", Domain: "company.my",
		From: time.Unix(1795651200, 0).UTC(), To: time.Unix(1795737599, 0).UTC(),
		Records: []dmarc.Record{
			{Client: netip.MustParseAddr("198.51.100.80"), Count: 812, HeaderFrom: "news.company.my", DKIM: true},
			{Client: netip.MustParseAddr("198.51.100.66"), Count: 3, HeaderFrom: "company.my"},
		},
	}
	rfc9990 = dmarc.Report{
		Org: "other.example", ID: "3v98abbp8ya9n3va8yr8oa3ya", Domain: "company.my",
		From: time.Unix(1795651200, 0).UTC(), To: time.Unix(1795737599, 0).UTC(),
		Records: []dmarc.Record{{Client: netip.MustParseAddr("2001:db8::80"), Count: 5, HeaderFrom: "company.my", DKIM: true, SPF: true}},
	}
)

func gzipped(content []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(content)
	_ = z.Close()
	return b.Bytes()
}

func zipped(t testing.TB, files ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, content := range files {
		w, err := z.Create(fmt.Sprintf("report%d.xml", i))
		require.NoError(t, err)
		_, err = w.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestUnpack(t *testing.T) {
	old, current := fixture(t, "rfc7489.xml"), fixture(t, "rfc9990.xml")
	for sentence, c := range map[string]struct {
		content []byte
		want    []*dmarc.Report
	}{
		"RFC 7489":                   {old, []*dmarc.Report{&rfc7489}},
		"RFC 9990, with its names":   {current, []*dmarc.Report{&rfc9990}},
		"in gzip":                    {gzipped(old), []*dmarc.Report{&rfc7489}},
		"in a zip archive":           {zipped(t, current), []*dmarc.Report{&rfc9990}},
		"two in a zip archive":       {zipped(t, old, current), []*dmarc.Report{&rfc7489, &rfc9990}},
		"with a byte order mark":     {append([]byte("\xef\xbb\xbf"), old...), []*dmarc.Report{&rfc7489}},
		"with other elements within": {bytes.Replace(old, []byte("<row>"), []byte("<row><extra><count>9</count></extra>"), 1), []*dmarc.Report{&rfc7489}},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := dmarc.Unpack(bytes.NewReader(c.content))
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestUnpackRefuses(t *testing.T) {
	t.Cleanup(dmarc.Small())
	old := string(fixture(t, "rfc7489.xml"))
	record := "<record><row><source_ip>198.51.100.1</source_ip><count>1</count></row></record>"
	for sentence, c := range map[string]struct {
		content []byte
		want    error
	}{
		"nothing":                       {nil, dmarc.ErrNotReport},
		"a text":                        {[]byte("Nov 29 12:00:00 mail postfix/smtpd[1]: connect"), dmarc.ErrNotReport},
		"another document":              {[]byte("<html><body/></html>"), dmarc.ErrNotReport},
		"a report that ends too early":  {[]byte(old[:len(old)/2]), dmarc.ErrNotReport},
		"a document type":               {[]byte(`<!DOCTYPE feedback [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + old[strings.Index(old, "<feedback"):]), dmarc.ErrNotReport},
		"an entity of its own":          {[]byte(strings.Replace(old, "receiver.example", "&x;", 1)), dmarc.ErrNotReport},
		"an odd character set":          {[]byte(`<?xml version="1.0" encoding="utf-7"?><feedback/>`), dmarc.ErrNotReport},
		"elements without an end":       {[]byte("<feedback>" + strings.Repeat("<a>", 100_000)), dmarc.ErrTooLarge},
		"gzip of nothing":               {gzipped(nil), dmarc.ErrNotReport},
		"gzip that is cut":              {gzipped([]byte(old))[:60], dmarc.ErrNotReport},
		"gzip of a bomb":                {gzipped(append([]byte("<feedback>"), bytes.Repeat([]byte(" "), 100<<10)...)), dmarc.ErrTooLarge},
		"zip of a bomb":                 {zipped(t, append([]byte("<feedback>"), bytes.Repeat([]byte(" "), 100<<10)...)), dmarc.ErrTooLarge},
		"zip of two halves of a bomb":   {zipped(t, []byte(old+strings.Repeat(" ", 60<<10)), []byte(old+strings.Repeat(" ", 60<<10))), dmarc.ErrTooLarge},
		"zip that is cut":               {zipped(t, []byte(old))[:200], dmarc.ErrNotReport},
		"zip without a file":            {append([]byte("PK\x03\x04"), bytes.Repeat([]byte{0}, 40)...), dmarc.ErrNotReport},
		"zip with a text":               {zipped(t, []byte("hello")), dmarc.ErrNotReport},
		"zip with too many files":       {zipped(t, make([][]byte, 5)...), dmarc.ErrTooLarge},
		"a file that is too large":      {bytes.Repeat([]byte(" "), 65<<10), dmarc.ErrTooLarge},
		"a report of too many records":  {[]byte("<feedback>" + strings.Repeat(record, 101) + "</feedback>"), dmarc.ErrTooLarge},
		"a report about no domain":      {[]byte("<feedback>" + record + "</feedback>"), dmarc.ErrNotReport},
		"zip inside of gzip is no XML":  {gzipped(zipped(t, []byte(old))), dmarc.ErrNotReport},
		"gzip inside of gzip is no XML": {gzipped(gzipped([]byte(old))), dmarc.ErrNotReport},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := dmarc.Unpack(bytes.NewReader(c.content))
			require.ErrorIs(t, err, c.want)
			assert.Empty(t, got)
		})
	}
}

func TestOddValuesDoNotCount(t *testing.T) {
	got, err := dmarc.Parse(strings.NewReader(`<feedback><policy_published><domain>Company.MY.</domain></policy_published>
<report_metadata><date_range><begin>yesterday</begin><end>99999999999999999</end></date_range></report_metadata>
<record><row><source_ip>nowhere</source_ip><count>5</count></row></record>
<record><row><source_ip>198.51.100.1</source_ip><count>-5</count></row></record>
<record><row><source_ip>198.51.100.1</source_ip><count>9223372036854775807</count></row></record>
<record><row><source_ip>::ffff:198.51.100.1%eth0</source_ip><count>2</count><policy_evaluated><dkim>PASSED</dkim><spf> pass </spf></policy_evaluated></row></record>
</feedback>`))
	require.NoError(t, err)
	assert.Equal(t, &dmarc.Report{Domain: "company.my", Records: []dmarc.Record{
		{Client: netip.MustParseAddr("198.51.100.1"), Count: 2, SPF: true},
	}}, got)
}

func TestReadAFolder(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string][]byte{
		"a.xml": fixture(t, "rfc7489.xml"), "again.xml.gz": gzipped(fixture(t, "rfc7489.xml")), "c.zip": zipped(t, fixture(t, "rfc9990.xml")),
		"notes.txt": []byte("remember the milk"),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(folder, "below"), 0o700))
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(folder, "link.xml")))
	sums, bad, err := dmarc.Read(t.Context(), folder)
	require.NoError(t, err)
	require.Len(t, bad, 1, "a link is passed over")
	assert.Equal(t, filepath.Join(folder, "notes.txt"), bad[0].Path)
	assert.ErrorIs(t, bad[0].Err, dmarc.ErrNotReport)
	assert.Equal(t, 2, sums.Reports, "the same report counts once")

	all, ok := sums.Of(netip.MustParseAddr("198.51.100.80"), "company.my")
	assert.True(t, ok, "a sub-domain belongs to its domain")
	assert.Equal(t, dmarc.Sum{Count: 812, DKIM: 812, Orgs: []string{"receiver.example"}}, all)
	assert.True(t, all.Passes())
	all, _ = sums.Of(netip.MustParseAddr("198.51.100.66"), "company.my")
	assert.False(t, all.Passes())
	_, ok = sums.Of(netip.MustParseAddr("198.51.100.80"), "pany.my")
	assert.False(t, ok)
	_, ok = (*dmarc.Sums)(nil).Of(netip.MustParseAddr("198.51.100.80"), "company.my")
	assert.False(t, ok)

	_, _, err = dmarc.Read(t.Context(), filepath.Join(folder, "none"))
	assert.ErrorContains(t, err, "cannot read DMARC reports")
}

func TestTooManyClients(t *testing.T) {
	t.Cleanup(dmarc.Small())
	sums := dmarc.NewSums()
	for i := range 5 {
		sums.Add(&dmarc.Report{Domain: "company.my", Records: []dmarc.Record{
			{Client: netip.MustParseAddr(fmt.Sprintf("198.51.100.%d", i)), Count: 1, SPF: true},
		}})
	}
	assert.EqualValues(t, 2, sums.Left)
	_, ok := sums.Of(netip.MustParseAddr("198.51.100.2"), "company.my")
	assert.True(t, ok)
	_, ok = sums.Of(netip.MustParseAddr("198.51.100.3"), "company.my")
	assert.False(t, ok)
}

func FuzzUnpack(f *testing.F) {
	old := fixture(f, "rfc7489.xml")
	f.Add(old)
	f.Add(fixture(f, "rfc9990.xml"))
	f.Add(gzipped(old))
	f.Add(zipped(f, old))
	f.Fuzz(func(t *testing.T, content []byte) {
		reports, err := dmarc.Unpack(bytes.NewReader(content))
		if err != nil {
			return
		}
		require.NotEmpty(t, reports)
		sums := dmarc.NewSums()
		for _, r := range reports {
			assert.NotEmpty(t, r.Domain)
			for _, record := range r.Records {
				assert.True(t, record.Client.IsValid())
				assert.Positive(t, record.Count)
			}
			sums.Add(r)
		}
	})
}
