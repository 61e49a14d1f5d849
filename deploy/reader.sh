#!/bin/sh
# The role that the reconciler reads as: made before any service makes its tables, for the refund service lets it into
# its own. Run by the Postgres image when it prepares an empty volume; on one that is not, a DBA runs these two lines and
# the GRANTs of services/reconciler/README.md.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE backhaul_reconciler LOGIN NOSUPERUSER PASSWORD :'password';
ALTER ROLE backhaul_reconciler SET default_transaction_read_only = on;
SQL
