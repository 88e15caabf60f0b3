#pragma once
#include "run/row_counts.h"
