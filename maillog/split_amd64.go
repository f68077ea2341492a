package maillog

// splitLines reads lines as splitSlowly does. buf has at least ahead bytes behind the host of a line that begins at beyond.
//
//go:noescape
func splitLines(s *splitting)
