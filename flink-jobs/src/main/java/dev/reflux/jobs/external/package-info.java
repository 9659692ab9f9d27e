/** Teachers that did not learn here. */
@NullMarked
package dev.reflux.jobs.external;

import org.jspecify.annotations.NullMarked;
