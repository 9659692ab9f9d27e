@NullMarked
package dev.reflux.jobs.operators;

import org.jspecify.annotations.NullMarked;
