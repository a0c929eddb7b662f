// AudioRelay
