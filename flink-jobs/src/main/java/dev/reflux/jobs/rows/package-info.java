/** Events as the raw rows that published students take. */
@NullMarked
package dev.reflux.jobs.rows;

import org.jspecify.annotations.NullMarked;
