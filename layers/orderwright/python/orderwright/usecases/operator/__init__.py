"""What a person may do, whatever they do it with: the command line now, a console later. Plain functions over Storage.

Each action reads, decides and commits once, under the versions that it read; when somebody else wrote meanwhile, it reads
and decides again. Who did it and why stand in the order's time line.
"""
