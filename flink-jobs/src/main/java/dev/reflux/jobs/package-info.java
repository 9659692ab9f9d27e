@NullMarked
package dev.reflux.jobs;

import org.jspecify.annotations.NullMarked;
