// Definitions, words and style of the reports.
#include "CEmbedded.h"

// `#embed` came into C with C23; clang takes it in any C.
#pragma clang diagnostic ignored "-Wc23-extensions"

const struct embedded_file embedded_reports[] = {
    {"balances.json", (const unsigned char[]){
#embed "../../Reports/resources/balances.json"
    , 0}},
    {"carried.json", (const unsigned char[]){
#embed "../../Reports/resources/carried.json"
    , 0}},
    {"escrow.json", (const unsigned char[]){
#embed "../../Reports/resources/escrow.json"
    , 0}},
    {"journal.json", (const unsigned char[]){
#embed "../../Reports/resources/journal.json"
    , 0}},
    {"payouts.json", (const unsigned char[]){
#embed "../../Reports/resources/payouts.json"
    , 0}},
    {"query-audit-log.json", (const unsigned char[]){
#embed "../../Reports/resources/query-audit-log.json"
    , 0}},
    {"query-fund-statement.json", (const unsigned char[]){
#embed "../../Reports/resources/query-fund-statement.json"
    , 0}},
    {"query-general-ledger.json", (const unsigned char[]){
#embed "../../Reports/resources/query-general-ledger.json"
    , 0}},
    {"query-income-statement.json", (const unsigned char[]){
#embed "../../Reports/resources/query-income-statement.json"
    , 0}},
    {"query-negative-balances.json", (const unsigned char[]){
#embed "../../Reports/resources/query-negative-balances.json"
    , 0}},
    {"query-payout-register.json", (const unsigned char[]){
#embed "../../Reports/resources/query-payout-register.json"
    , 0}},
    {"query-provider-differences.json", (const unsigned char[]){
#embed "../../Reports/resources/query-provider-differences.json"
    , 0}},
    {"query-provider-reconciliation.json", (const unsigned char[]){
#embed "../../Reports/resources/query-provider-reconciliation.json"
    , 0}},
    {"query-revenue-share.json", (const unsigned char[]){
#embed "../../Reports/resources/query-revenue-share.json"
    , 0}},
    {"query-room-sales.json", (const unsigned char[]){
#embed "../../Reports/resources/query-room-sales.json"
    , 0}},
    {"query-tax-year.json", (const unsigned char[]){
#embed "../../Reports/resources/query-tax-year.json"
    , 0}},
    {"query-trial-balance.json", (const unsigned char[]){
#embed "../../Reports/resources/query-trial-balance.json"
    , 0}},
    {"query-vat-by-country.json", (const unsigned char[]){
#embed "../../Reports/resources/query-vat-by-country.json"
    , 0}},
    {"report-words.json", (const unsigned char[]){
#embed "../../Reports/resources/report-words.json"
    , 0}},
    {"report.css", (const unsigned char[]){
#embed "../../Reports/resources/report.css"
    , 0}},
    {"sales.json", (const unsigned char[]){
#embed "../../Reports/resources/sales.json"
    , 0}},
    {"statement.json", (const unsigned char[]){
#embed "../../Reports/resources/statement.json"
    , 0}},
    {0, 0}};
