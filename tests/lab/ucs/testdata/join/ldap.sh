# A stand-in for the library of UCS that changes the directory. The credentials come first, or last.
die() {
	echo "the wrong die" >&2
	exit 1
}

# known OPTIONS ARGUMENTS…: only these options, each with a value.
known() {
	local options=" $1 "
	shift
	while [ $# -gt 0 ]; do
		case "$options" in
			*" $1 "*) shift 2 || return 2 ;;
			*)
				echo "no option $1" >&2
				return 2 ;;
		esac
	done
}

extension() {
	note "$@"
	[ "$FAIL" != "$1" ]
}

ucs_registerLDAPExtension() {
	known "--binddn --bindpwdfile --schema --acl --udm_module --udm_syntax --udm_hook --packagename --packageversion --name --ucsversionstart --ucsversionend" "$@" || return
	local file before=
	for file; do
		case $before in
			--schema | --acl) [ -f "$file" ] || return 2 ;;
			--ucsversion*) [[ $file =~ ^[0-9]+\.[0-9]+-[0-9]+$ ]] || return 2 ;;
		esac
		before=$file
	done
	extension ucs_registerLDAPExtension "$@"
}

ucs_unregisterLDAPExtension() {
	known "--binddn --bindpwdfile --schema --acl --udm_module --udm_syntax --udm_hook" "$@" || return
	extension ucs_unregisterLDAPExtension "$@"
}

ucs_addServiceToLocalhost() { note ucs_addServiceToLocalhost "$@"; [ "$FAIL" != service ]; }
ucs_removeServiceFromLocalhost() { note ucs_removeServiceFromLocalhost "$@"; [ "$FAIL" != service ]; }

# ucs_isServiceUnused: 0 unused, 1 used, 2 the search failed.
ucs_isServiceUnused() {
	note ucs_isServiceUnused "$@"
	return "${USED:-0}"
}
