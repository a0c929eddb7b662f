// Schemas, chart of accounts, presets, refusal texts, OpenAPI.
#include "CEmbedded.h"

// `#embed` came into C with C23; clang takes it in any C.
#pragma clang diagnostic ignored "-Wc23-extensions"

const struct embedded_file embedded_schemas[] = {
    {"chart-of-accounts.json", (const unsigned char[]){
#embed "../../Schemas/resources/chart-of-accounts.json"
    , 0}},
    {"fund-programs.json", (const unsigned char[]){
#embed "../../Schemas/resources/fund-programs.json"
    , 0}},
    {"ledger-0001.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0001.sql"
    , 0}},
    {"ledger-0002.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0002.sql"
    , 0}},
    {"ledger-0003.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0003.sql"
    , 0}},
    {"ledger-0004.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0004.sql"
    , 0}},
    {"ledger-0006.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0006.sql"
    , 0}},
    {"ledger-0007.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0007.sql"
    , 0}},
    {"ledger-0008.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0008.sql"
    , 0}},
    {"ledger-0009.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0009.sql"
    , 0}},
    {"ledger-0010.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0010.sql"
    , 0}},
    {"ledger-0011.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0011.sql"
    , 0}},
    {"ledger-0013.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0013.sql"
    , 0}},
    {"ledger-0014.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0014.sql"
    , 0}},
    {"ledger-0016.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0016.sql"
    , 0}},
    {"ledger-0017.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0017.sql"
    , 0}},
    {"ledger-0019.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0019.sql"
    , 0}},
    {"ledger-0020.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0020.sql"
    , 0}},
    {"ledger-0021.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0021.sql"
    , 0}},
    {"ledger-0022.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0022.sql"
    , 0}},
    {"ledger-0023.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0023.sql"
    , 0}},
    {"ledger-0024.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0024.sql"
    , 0}},
    {"ledger-0025.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0025.sql"
    , 0}},
    {"ledger-0027.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0027.sql"
    , 0}},
    {"ledger-0028.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0028.sql"
    , 0}},
    {"ledger-0029.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0029.sql"
    , 0}},
    {"ledger-0030.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0030.sql"
    , 0}},
    {"ledger-0031.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0031.sql"
    , 0}},
    {"ledger-0032.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0032.sql"
    , 0}},
    {"ledger-0036.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0036.sql"
    , 0}},
    {"ledger-0037.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0037.sql"
    , 0}},
    {"ledger-0038.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0038.sql"
    , 0}},
    {"ledger-0039.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0039.sql"
    , 0}},
    {"ledger-0040.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0040.sql"
    , 0}},
    {"ledger-0041.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0041.sql"
    , 0}},
    {"ledger-0042.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0042.sql"
    , 0}},
    {"ledger-0043.sql", (const unsigned char[]){
#embed "../../Schemas/resources/ledger-0043.sql"
    , 0}},
    {"openapi.yaml", (const unsigned char[]){
#embed "../../Schemas/resources/openapi.yaml"
    , 0}},
    {"payout-reasons.json", (const unsigned char[]){
#embed "../../Schemas/resources/payout-reasons.json"
    , 0}},
    {"presets.json", (const unsigned char[]){
#embed "../../Schemas/resources/presets.json"
    , 0}},
    {"refusals-access.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-access.json"
    , 0}},
    {"refusals-acts.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-acts.json"
    , 0}},
    {"refusals-aftersale.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-aftersale.json"
    , 0}},
    {"refusals-approvals.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-approvals.json"
    , 0}},
    {"refusals-banks.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-banks.json"
    , 0}},
    {"refusals-bans.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-bans.json"
    , 0}},
    {"refusals-books.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-books.json"
    , 0}},
    {"refusals-boxoffice.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-boxoffice.json"
    , 0}},
    {"refusals-cohorts.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-cohorts.json"
    , 0}},
    {"refusals-edge.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-edge.json"
    , 0}},
    {"refusals-explain.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-explain.json"
    , 0}},
    {"refusals-funds.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-funds.json"
    , 0}},
    {"refusals-gateway.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-gateway.json"
    , 0}},
    {"refusals-ledger.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-ledger.json"
    , 0}},
    {"refusals-overtime.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-overtime.json"
    , 0}},
    {"refusals-payments.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-payments.json"
    , 0}},
    {"refusals-payouts.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-payouts.json"
    , 0}},
    {"refusals-proofs.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-proofs.json"
    , 0}},
    {"refusals-provider-calls.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-provider-calls.json"
    , 0}},
    {"refusals-relay.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-relay.json"
    , 0}},
    {"refusals-replay.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-replay.json"
    , 0}},
    {"refusals-reporting.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-reporting.json"
    , 0}},
    {"refusals-resale.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-resale.json"
    , 0}},
    {"refusals-risk.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-risk.json"
    , 0}},
    {"refusals-rooms.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-rooms.json"
    , 0}},
    {"refusals-series.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-series.json"
    , 0}},
    {"refusals-stage.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-stage.json"
    , 0}},
    {"refusals-statements.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-statements.json"
    , 0}},
    {"refusals-tickets.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-tickets.json"
    , 0}},
    {"refusals-waiting.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-waiting.json"
    , 0}},
    {"refusals-webhooks.json", (const unsigned char[]){
#embed "../../Schemas/resources/refusals-webhooks.json"
    , 0}},
    {"risk-classes.json", (const unsigned char[]){
#embed "../../Schemas/resources/risk-classes.json"
    , 0}},
    {"room-terms.json", (const unsigned char[]){
#embed "../../Schemas/resources/room-terms.json"
    , 0}},
    {"spool-0001.sql", (const unsigned char[]){
#embed "../../Schemas/resources/spool-0001.sql"
    , 0}},
    {"spool-0002.sql", (const unsigned char[]){
#embed "../../Schemas/resources/spool-0002.sql"
    , 0}},
    {"spool-0003.sql", (const unsigned char[]){
#embed "../../Schemas/resources/spool-0003.sql"
    , 0}},
    {"spool-0004.sql", (const unsigned char[]){
#embed "../../Schemas/resources/spool-0004.sql"
    , 0}},
    {"tax-rates.json", (const unsigned char[]){
#embed "../../Schemas/resources/tax-rates.json"
    , 0}},
    {"ticket-claims.schema.json", (const unsigned char[]){
#embed "../../Schemas/resources/ticket-claims.schema.json"
    , 0}},
    {"ticket-vectors.json", (const unsigned char[]){
#embed "../../Schemas/resources/ticket-vectors.json"
    , 0}},
    {0, 0}};
