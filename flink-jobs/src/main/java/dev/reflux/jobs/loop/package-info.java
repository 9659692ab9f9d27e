@NullMarked
package dev.reflux.jobs.loop;

import org.jspecify.annotations.NullMarked;
