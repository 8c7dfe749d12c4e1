#error "crypto/ and routing/ are sans-I/O: no Asio here"
