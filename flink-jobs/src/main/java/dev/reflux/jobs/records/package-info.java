/** The JSON forms of records that no other module has a contract for. */
@NullMarked
package dev.reflux.jobs.records;

import org.jspecify.annotations.NullMarked;
