package dmarc

// Small sets bounds that a test reaches quickly, and returns a function that sets the former ones.
func Small() (restore func()) {
	before := most
	most = bounds{file: 64 << 10, xml: 96 << 10, depth: 16, records: 100, entries: 4, files: 10, sources: 3}
	return func() { most = before }
}
