/** The job that scores events with the newest published student. */
@NullMarked
package dev.reflux.jobs.scoring;

import org.jspecify.annotations.NullMarked;
