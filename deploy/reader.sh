#!/bin/sh
# The roles that may only read, made before any service makes its tables: the reconciler's, which the refund service lets
# into its own, and that of the invariants, which reads every table there is and will be. Run by the Postgres image when it
# prepares an empty volume; on one that is not, a DBA runs these lines and the GRANTs of services/reconciler/README.md.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE backhaul_reconciler LOGIN NOSUPERUSER PASSWORD :'password';
ALTER ROLE backhaul_reconciler SET default_transaction_read_only = on;
CREATE ROLE backhaul_invariants LOGIN NOSUPERUSER PASSWORD :'password';
ALTER ROLE backhaul_invariants SET default_transaction_read_only = on;
GRANT pg_read_all_data TO backhaul_invariants;
SQL
