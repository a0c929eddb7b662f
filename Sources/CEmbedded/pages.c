// Templates, scripts, styles and words of the web pages.
#include "CEmbedded.h"

// `#embed` came into C with C23; clang takes it in any C.
#pragma clang diagnostic ignored "-Wc23-extensions"

const struct embedded_file embedded_pages[] = {
    {"assets/api.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/api.js"
    , 0}},
    {"assets/app.css", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/app.css"
    , 0}},
    {"assets/basket.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/basket.js"
    , 0}},
    {"assets/bill.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/bill.js"
    , 0}},
    {"assets/charge.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/charge.js"
    , 0}},
    {"assets/chart.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/chart.js"
    , 0}},
    {"assets/checkout.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/checkout.js"
    , 0}},
    {"assets/claim.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/claim.js"
    , 0}},
    {"assets/countdown.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/countdown.js"
    , 0}},
    {"assets/countries.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/countries.js"
    , 0}},
    {"assets/country.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/country.js"
    , 0}},
    {"assets/desk.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/desk.js"
    , 0}},
    {"assets/events.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/events.js"
    , 0}},
    {"assets/extend.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/extend.js"
    , 0}},
    {"assets/favicon.svg", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/favicon.svg"
    , 0}},
    {"assets/finance-acts.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-acts.js"
    , 0}},
    {"assets/finance-api.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-api.js"
    , 0}},
    {"assets/finance-batch.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-batch.js"
    , 0}},
    {"assets/finance-charts.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-charts.js"
    , 0}},
    {"assets/finance-desk.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-desk.js"
    , 0}},
    {"assets/finance-explain.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-explain.js"
    , 0}},
    {"assets/finance-files.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-files.js"
    , 0}},
    {"assets/finance-findings.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-findings.js"
    , 0}},
    {"assets/finance-gates.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-gates.js"
    , 0}},
    {"assets/finance-list.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-list.js"
    , 0}},
    {"assets/finance-payees.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-payees.js"
    , 0}},
    {"assets/finance-words.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance-words.js"
    , 0}},
    {"assets/finance.css", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance.css"
    , 0}},
    {"assets/finance.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/finance.js"
    , 0}},
    {"assets/giveback.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/giveback.js"
    , 0}},
    {"assets/guilloche.svg", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/guilloche.svg"
    , 0}},
    {"assets/heal.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/heal.js"
    , 0}},
    {"assets/holder-key.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/holder-key.js"
    , 0}},
    {"assets/home.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/home.js"
    , 0}},
    {"assets/host-rehearsal.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/host-rehearsal.js"
    , 0}},
    {"assets/host-stage.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/host-stage.js"
    , 0}},
    {"assets/host.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/host.js"
    , 0}},
    {"assets/i18n.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/i18n.js"
    , 0}},
    {"assets/keep.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/keep.js"
    , 0}},
    {"assets/listen.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/listen.js"
    , 0}},
    {"assets/money.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/money.js"
    , 0}},
    {"assets/offer.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/offer.js"
    , 0}},
    {"assets/office-api.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/office-api.js"
    , 0}},
    {"assets/office-cancel.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/office-cancel.js"
    , 0}},
    {"assets/office-door.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/office-door.js"
    , 0}},
    {"assets/office-move.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/office-move.js"
    , 0}},
    {"assets/office-prices.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/office-prices.js"
    , 0}},
    {"assets/office-tips.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/office-tips.js"
    , 0}},
    {"assets/office-vouchers.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/office-vouchers.js"
    , 0}},
    {"assets/office.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/office.js"
    , 0}},
    {"assets/page.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/page.js"
    , 0}},
    {"assets/passes.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/passes.js"
    , 0}},
    {"assets/passing.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/passing.js"
    , 0}},
    {"assets/pay.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/pay.js"
    , 0}},
    {"assets/peer.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/peer.js"
    , 0}},
    {"assets/qr.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/qr.js"
    , 0}},
    {"assets/quote.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/quote.js"
    , 0}},
    {"assets/rehearsal.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/rehearsal.js"
    , 0}},
    {"assets/resale.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/resale.js"
    , 0}},
    {"assets/room.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/room.js"
    , 0}},
    {"assets/series.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/series.js"
    , 0}},
    {"assets/sound.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/sound.js"
    , 0}},
    {"assets/speak.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/speak.js"
    , 0}},
    {"assets/stage.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/stage.js"
    , 0}},
    {"assets/terms.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/terms.js"
    , 0}},
    {"assets/ticket.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/ticket.js"
    , 0}},
    {"assets/tip.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/tip.js"
    , 0}},
    {"assets/topup.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/topup.js"
    , 0}},
    {"assets/visit.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/visit.js"
    , 0}},
    {"assets/waiting.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/waiting.js"
    , 0}},
    {"assets/wallet.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/wallet.js"
    , 0}},
    {"assets/wish.js", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/assets/wish.js"
    , 0}},
    {"templates/bottom.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/bottom.mustache"
    , 0}},
    {"templates/counter.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/counter.mustache"
    , 0}},
    {"templates/finance.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/finance.mustache"
    , 0}},
    {"templates/home.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/home.mustache"
    , 0}},
    {"templates/host.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/host.mustache"
    , 0}},
    {"templates/message.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/message.mustache"
    , 0}},
    {"templates/pay.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/pay.mustache"
    , 0}},
    {"templates/room.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/room.mustache"
    , 0}},
    {"templates/series.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/series.mustache"
    , 0}},
    {"templates/top.mustache", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/templates/top.mustache"
    , 0}},
    {"texts/web-texts-en.json", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/texts/web-texts-en.json"
    , 0}},
    {"texts/web-texts-fr.json", (const unsigned char[]){
#embed "../../Sources/LedgerService/Web/resources/texts/web-texts-fr.json"
    , 0}},
    {0, 0}};
