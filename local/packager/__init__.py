"""The one packager: turns functions/ and layers/ into what Lambda runs, for this machine and for AWS."""
