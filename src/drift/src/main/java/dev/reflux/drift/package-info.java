/** Drift detectors and what they report. Pure JDK; every detector's state goes out to versioned bytes and back, bit for bit. */
@NullMarked
package dev.reflux.drift;

import org.jspecify.annotations.NullMarked;
