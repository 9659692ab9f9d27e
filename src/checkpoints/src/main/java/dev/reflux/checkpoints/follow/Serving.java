package dev.reflux.checkpoints.follow;

import dev.reflux.checkpoints.onnx.OnnxStudent;
import java.util.concurrent.atomic.AtomicInteger;

/** A student on loan to those who score with it: it closes when it was retired and the last of them is done. */
final class Serving {

    private final OnnxStudent student;
    private final FollowedStudent identity;

    /** One for the follower itself, one for each call under way; at 0 the student is closed. */
    private final AtomicInteger loans = new AtomicInteger(1);

    Serving(OnnxStudent student, FollowedStudent identity) {
        this.student = student;
        this.identity = identity;
    }

    OnnxStudent student() {
        return student;
    }

    FollowedStudent identity() {
        return identity;
    }

    /** False when it is closed already: then another has taken its place. */
    boolean borrow() {
        int found;
        do {
            found = loans.get();
            if (found == 0) {
                return false;
            }
        } while (!loans.compareAndSet(found, found + 1));
        return true;
    }

    void giveBack() {
        if (loans.decrementAndGet() == 0) {
            student.close();
        }
    }
}
