/* cpu_stepper.h - the cpu device's solver; see struct xb_stepper. */
#ifndef XB_LAB_GRAY_SCOTT_CPU_STEPPER_H
#define XB_LAB_GRAY_SCOTT_CPU_STEPPER_H

#include "engine/devices/device.h"

extern const struct xb_stepper xb_cpu_stepper;

#endif
