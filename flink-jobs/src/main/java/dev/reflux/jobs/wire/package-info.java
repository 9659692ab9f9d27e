@NullMarked
package dev.reflux.jobs.wire;

import org.jspecify.annotations.NullMarked;
