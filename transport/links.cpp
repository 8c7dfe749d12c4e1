#include "transport/links.hpp"
