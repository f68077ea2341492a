package privatepostfix

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"ucs-harden/maincf"
)

// setting is a main.cf parameter whose value differs from that of the live server, and why.
type setting struct{ name, value, why string }

// settings are all parameters that the instance sets itself. They count for every service: an -o override of one of
// them is dropped.
func settings(f folder) []setting {
	return slices.Concat(
		placeSettings(f), instanceSettings, logSettings(f), clientSettings, limitSettings, deliverySettings,
	)
}

// placeSettings keep the queue and the caches apart from the live ones.
func placeSettings(f folder) []setting {
	return []setting{
		{"queue_directory", f.queue, "a queue of our own; the live one stays untouched"},
		{"data_directory", f.data, "caches of our own"},
		{"process_id_directory", "pid", "below the queue directory"},
		{"tls_random_exchange_name", f.data + "/prng_exch", "may name the live data directory"},
		{"smtpd_tls_session_cache_database", "", "may name the live data directory"},
		{"smtp_tls_session_cache_database", "", "may name the live data directory"},
		{"lmtp_tls_session_cache_database", "", "may name the live data directory"},
		{"postscreen_cache_map", "", "may name the live data directory"},
		{"address_verify_map", "", "may name the live data directory; without it the cache is in memory"},
	}
}

// instanceSettings make it one instance, whose ports are all up.
var instanceSettings = []setting{
	{"multi_instance_directories", "", "one instance, and not a part of the live one"},
	{"multi_instance_enable", "no", "one instance, and not a part of the live one"},
	{"multi_instance_group", "", "one instance, and not a part of the live one"},
	{"multi_instance_name", "", "one instance, and not a part of the live one"},
	{"multi_instance_wrapper", "", "one instance, and not a part of the live one"},
	{"master_service_disable", "", "a disabled port could not be asked"},
	{"default_process_limit", "50", "several dialogues at a time"},
	{"max_use", plenty, "a new process costs as much as some dialogues"},
}

// logSettings bring every line of the log to this process.
func logSettings(f folder) []setting {
	return []setting{
		{"maillog_file", f.log, "any value makes all programs log into a socket, which is ours"},
		{"maillog_file_prefixes", f.dir, "maillog_file has to be below it"},
		{"postlog_service_name", postlog, "the name of that socket"},
		{"syslog_name", syslogName, "for what is logged elsewhere in spite of it"},
		{"smtpd_client_port_logging", "yes", "the port in XCLIENT is the number of the dialogue of a line"},
		{"debug_peer_list", "", "would log every line"},
		{"debugger_command", "", "would start a debugger on the live screen"},
		{"notify_classes", "", "no mail to the postmaster about our mistakes"},
	}
}

// clientSettings let XCLIENT say who the client is, in clear text.
var clientSettings = []setting{
	{"smtpd_authorized_xclient_hosts", "0.0.0.0/0, [::]/0", "after the first XCLIENT the client has the other address"},
	{"smtpd_peername_lookup", "no", "XCLIENT says the name"},
	{"smtpd_upstream_proxy_protocol", "", "no proxy is in front"},
	{"smtpd_tls_wrappermode", "no", "dialogues are in clear text"},
	{"smtpd_enforce_tls", "no", "dialogues are in clear text"},
	{"smtpd_use_tls", "no", "see smtpd_tls_security_level of each service"},
	{"smtpd_tls_security_level", "none", "a service that has TLS overrides it, so that its certificates are read"},
	{"smtpd_tls_auth_only", "no", "otherwise the LOGIN of XCLIENT does not count without TLS"},
	{"smtpd_tls_req_ccert", "no", "dialogues are in clear text"},
}

const noLimit = "limits are for strangers"

// limitSettings take limits and delays away.
var limitSettings = []setting{
	{"in_flow_delay", "0s", "otherwise every accepted recipient costs a second"},
	{"smtpd_error_sleep_time", "0s", "no tarpit"},
	{"smtpd_soft_error_limit", plenty, "no tarpit"},
	{"smtpd_hard_error_limit", plenty, "no tarpit"},
	{"smtpd_junk_command_limit", plenty, "no tarpit"},
	{"smtpd_recipient_limit", plenty, "many dialogues over one connection"},
	{"smtpd_recipient_overshoot_limit", plenty, "many dialogues over one connection"},
	{"smtpd_client_connection_count_limit", "0", noLimit},
	{"smtpd_client_connection_rate_limit", "0", noLimit},
	{"smtpd_client_message_rate_limit", "0", noLimit},
	{"smtpd_client_recipient_rate_limit", "0", noLimit},
	{"smtpd_client_new_tls_session_rate_limit", "0", noLimit},
	{"smtpd_client_auth_rate_limit", "0", noLimit},
}

// deliverySettings take milters, filters and delivery away. cleanup(8) discards every message that smtpd(8) takes, and
// there is no queue manager.
var deliverySettings = []setting{
	{"smtpd_milters", "", "milters count, learn and quarantine; nobody asks them here"},
	{"non_smtpd_milters", "", "milters count, learn and quarantine; nobody asks them here"},
	{"smtpd_proxy_filter", "", "nothing is delivered"},
	{"content_filter", "", "nothing is delivered"},
	{"header_checks", "static:DISCARD", "cleanup discards every message"},
	{"mime_header_checks", "", "cleanup discards every message"},
	{"nested_header_checks", "", "cleanup discards every message"},
	{"body_checks", "", "cleanup discards every message"},
	{"always_bcc", "", "nobody gets a copy"},
	{"sender_bcc_maps", "", "nobody gets a copy"},
	{"recipient_bcc_maps", "", "nobody gets a copy"},
	{"queue_minfree", "0", "the free space of the live queue does not matter here"},
	{"message_size_limit", "0", "MAIL requires one and a half times this in free space"},
}

const (
	plenty  = "1000000"
	postlog = "postlog"
	// syslogName is the name under which the instance logs.
	syslogName = "ucs-harden-rehearsal"
	// liveConfig is what $config_directory means in the live files.
	liveConfig = "/etc/postfix"
)

// mainCF is main.cf of the instance. Every parameter is in it once: first those of Config in their order and with the
// value that counts, then the restriction lists, then settings.
func (b *builder) mainCF() []byte {
	var out strings.Builder
	out.WriteString("# A rehearsal of ucs-harden; it is removed by itself.\n")
	for i, d := range b.main {
		later := func(other maincf.Definition) bool { return other.Name == d.Name }
		_, isList := b.lists[d.Name]
		if isList || b.ours[d.Name] || slices.ContainsFunc(b.main[i+1:], later) {
			continue
		}
		fmt.Fprintf(&out, "%s = %s\n", d.Name, b.rewrite(d.Value))
	}
	for _, name := range slices.Sorted(maps.Keys(b.lists)) {
		fmt.Fprintf(&out, "%s = %s\n", name, b.lists[name])
	}
	for _, s := range settings(b.folder) {
		fmt.Fprintf(&out, "# %s\n%s = %s\n", s.why, s.name, s.value)
	}
	return []byte(out.String())
}

// rewrite turns a value of the live files into one of the private files. Names of files become those of Config.Files.
// References to config_directory and queue_directory, which mean private folders here, become the live folders.
func (b *builder) rewrite(value string) string {
	for name, live := range map[string]string{"config_directory": liveConfig, "queue_directory": b.liveQueue} {
		for _, reference := range []string{"${" + name + "}", "$(" + name + ")"} {
			value = strings.ReplaceAll(value, reference, live)
		}
		value = regexp.MustCompile(`\$`+name+`\b`).ReplaceAllLiteralString(value, live)
	}
	for path, private := range b.replaced {
		value = replacePath(value, path, private)
	}
	return value
}

// replacePath replaces a path where it is not a part of a longer one.
func replacePath(value, path, by string) string {
	var out strings.Builder
	for {
		i := strings.Index(value, path)
		if i < 0 {
			return out.String() + value
		}
		end := i + len(path)
		whole := (i == 0 || !partOfPath(value[i-1])) && (end == len(value) || !partOfPath(value[end]))
		out.WriteString(value[:i])
		if whole {
			out.WriteString(by)
		} else {
			out.WriteString(path)
		}
		value = value[end:]
	}
}

func partOfPath(c byte) bool { return !strings.ContainsRune(" \t,:;={}()[]<>\"'", rune(c)) }
