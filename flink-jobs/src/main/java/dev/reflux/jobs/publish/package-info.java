@NullMarked
package dev.reflux.jobs.publish;

import org.jspecify.annotations.NullMarked;
