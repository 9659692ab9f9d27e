@NullMarked
package dev.reflux.jobs.report;

import org.jspecify.annotations.NullMarked;
