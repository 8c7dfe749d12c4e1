#include "tun/gateway.hpp"
