/** What reactions to drift are worth on streams that change. */
@NullMarked
package dev.reflux.benchmarks.reaction;

import org.jspecify.annotations.NullMarked;
