// Datagrams
