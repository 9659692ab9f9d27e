/** Events through published students: raw rows from JSON, and the job that scores a topic. */
@NullMarked
package dev.reflux.jobs.scoring;

import org.jspecify.annotations.NullMarked;
