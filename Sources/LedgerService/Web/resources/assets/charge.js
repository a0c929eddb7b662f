// Where a payment through a provider stands, in a word of the page. No word is final before the server has said so.

/**
 * What to tell the buyer, from the charge and the hold as the server shows them.
 * - back: how the buyer came back from the provider's page, "done" or "left"; a hint that proves nothing.
 *
 * | word        | what has happened                                       | what comes                     |
 * | starting    | the provider has not given a page yet                   | open                           |
 * | open        | the page is there and nobody has paid                   | confirming, declined, expired  |
 * | left        | the same, and the buyer came back without paying        | the same                       |
 * | desk        | the same, for money that a person receives              | tickets, expired               |
 * | confirming  | the buyer has paid; the provider's word is on its way   | tickets, processing, declined  |
 * | processing  | the bank is at work, perhaps for days                   | tickets, declined, suspended   |
 * | declined    | nobody will pay it; the seats are still kept            | another attempt                |
 * | expired     | the seats were kept in vain                             | late money: tickets, returned  |
 * | cancelled   | the buyer or the room gave it up                        | late money: returned           |
 * | tickets     | paid, and every seat has its ticket                     | –                              |
 * | suspended   | paid, and there is no seat for it                       | refunded, returned             |
 * | returned    | that money goes back to where it came from              | refunded                       |
 * | refunded    | that money is in the wallet                             | –                              |
 */
export function standing(charge, back = null) {
  if (!charge) return "starting";
  const { state, purchase, url, provider } = charge;
  if (purchase === "ticketed") return "tickets";
  const goesBack = charge.repayments?.some((one) => one.state !== "failed");
  if (purchase === "refunded" && goesBack) return "returned";
  if (purchase === "suspended" || purchase === "refunded") return purchase;
  if (state === "captured") return "confirming";
  if (purchase === "cancelled") return "cancelled";
  if (state === "processing") return "processing";
  if (purchase === "expired") return "expired";
  if (state === "ended") return "declined";
  if (provider === "manual") return "desk";
  if (!url) return "starting";
  return back === "done" ? "confirming" : back === "left" ? "left" : "open";
}

const over = new Set(["tickets", "returned", "refunded"]);
const waiting = new Set([
  "starting", "open", "left", "desk", "confirming", "processing", "expired", "cancelled", "suspended",
]);

/** Whether nothing more will come of it, whatever the provider tells. */
export const isOver = (word, charge) => over.has(word) || (word === "cancelled" && charge?.state === "ended");

/** Whether the page goes on looking by itself. */
export const isWaiting = (word, charge) => waiting.has(word) && !isOver(word, charge);

// First every second, then ever less often: a card is confirmed within seconds, a bank within days.
const firstMilliseconds = 1000;
const mostMilliseconds = 15_000;
// About six minutes of looking; then the page says that it has stopped and offers to look again.
const mostLooks = 30;

/** Milliseconds until the next look; null when there were enough. */
export function pause(looks) {
  return looks >= mostLooks ? null : Math.min(mostMilliseconds, firstMilliseconds * 1.5 ** looks);
}
