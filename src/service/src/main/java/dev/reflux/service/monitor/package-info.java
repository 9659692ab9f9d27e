/** A pipeline seen from outside: metrics, health, and the live page, at one address. */
@NullMarked
package dev.reflux.service.monitor;

import org.jspecify.annotations.NullMarked;
