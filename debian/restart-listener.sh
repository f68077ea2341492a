# univention-directory-listener(8) loads modules only when it starts. debian/rules copies this function into postinst and
# postrm, in place of #RESTART_LISTENER#.
restart_listener() {
    [ -d /run/systemd/system ] || return 0
    for folder in /etc/systemd/system /lib/systemd/system /usr/lib/systemd/system; do
        if [ -e "$folder/univention-directory-listener.service" ]; then
            deb-systemd-invoke restart univention-directory-listener.service || true
            return 0
        fi
    done
}
