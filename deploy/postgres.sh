#!/bin/sh
# Starts the Postgres of compose.yaml with its certificate, of which Postgres takes the key from no user but its own. After
# a renewal: docker compose exec -u root postgres sh /etc/postgres/start.sh renew
set -eu
install -d -o postgres -m 700 /tls
install -o postgres -m 600 /run/tls/tls.crt /run/tls/tls.key /run/tls/ca.crt /tls/
if [ "$1" = renew ]; then exec kill -HUP 1; fi
exec docker-entrypoint.sh postgres -c ssl=on -c hba_file=/etc/postgres/pg_hba.conf \
  -c ssl_cert_file=/tls/tls.crt -c ssl_key_file=/tls/tls.key -c ssl_ca_file=/tls/ca.crt
