// Payouts
